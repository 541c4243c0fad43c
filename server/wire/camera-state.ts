/** What a camera is doing, in the states a person understands. */
import type { ErrorCode } from './nightglass-error.ts';
import type { WallMicros } from './time.ts';

/** Each state holds only what is true in it. `since` is when it was entered. */
export type CameraState =
  | { readonly state: 'idle'; readonly since: WallMicros }
  | { readonly state: 'connecting'; readonly since: WallMicros }
  | { readonly state: 'waiting-for-key'; readonly since: WallMicros }
  | { readonly state: 'live'; readonly since: WallMicros }
  | {
      readonly state: 'unreachable';
      readonly since: WallMicros;
      readonly code: ErrorCode;
      readonly message: string;
    };

/** A camera as the page lists it. `name` is its identity in URLs and messages; `title` is for people. */
export interface CameraInfo {
  readonly name: string;
  readonly title: string;
}
