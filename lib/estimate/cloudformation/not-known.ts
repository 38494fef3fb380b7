/** Something that a price needs is not known. The message is a sentence for people, with how to state it. */
export class NotKnown extends Error {
  override readonly name = 'NotKnown';
}
