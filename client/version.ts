/** The version of this page, for what it writes down. */
import { version } from '../package.json';

export const PAGE_VERSION: string = version;
