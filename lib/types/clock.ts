/** The time now. Everything below a handler is given one; nothing else reads the machine's clock. */
export type Clock = () => Date;
