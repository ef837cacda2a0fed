/** Machines of sandbox/fleets/demo.json. */
export const WEB_1 = 'i-0aa11bb22cc33dd01';
/** The API's alone, because each run locks its machine. */
export const WEB_2 = 'i-0aa11bb22cc33dd02';
export const DB_1 = 'i-0aa11bb22cc33dd03';
export const UNTAGGED = 'i-0aa11bb22cc33dd06';
export const OFFLINE = 'i-0aa11bb22cc33dd07';
export const STOPPED = 'i-0aa11bb22cc33dd08';
export const UNKNOWN = 'i-0fffffffffffffff0';
