/** What sort of endpoint it is, where that is not the usual real-time one: how it is judged and stopped. */
export const ASYNCHRONOUS = 'asynchronous';
export const SERVERLESS = 'serverless';
export const COMPONENTS = 'inference components';
