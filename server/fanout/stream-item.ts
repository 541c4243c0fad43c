/** What a Reader yields: everything a viewer is sent, short of its stream id and the moment of sending. */
import type { AccessUnit, VideoConfig } from '#wire/access-unit.ts';
import type { CameraState } from '#wire/camera-state.ts';
import type { ErrorCode } from '#wire/nightglass-error.ts';
import type { Micros } from '#wire/time.ts';

/** Where an item stands in its stream. All three are u32; `group` runs on across epochs. */
export interface Place {
  /** Changes on a reconnect or when the parameter sets change. */
  readonly epoch: number;
  /** Counts GOPs. */
  readonly group: number;
  /** 0 for the group's key unit. */
  readonly index: number;
}

/** Comes directly before every key unit, at the key unit's own place. */
export interface ConfigItem extends Place {
  readonly kind: 'config';
  readonly config: VideoConfig;
}

export interface UnitItem extends Place {
  readonly kind: 'unit';
  readonly unit: AccessUnit;
  /** True on the first unit of an epoch: timestamps or pictures jump here. */
  readonly discontinuity: boolean;
  /** True when the unit was published before this viewer joined: to be decoded on the way to the live picture. */
  readonly replay: boolean;
  /** Monotonic clock at publishing. */
  readonly publishedAt: Micros;
  /** How long the camera has been running at publishing: its pauses count little (see drop-policy.ts). */
  readonly runningAt: Micros;
}

/** Units were left out because this viewer was slow, or lost on the way from the camera; it stands at the place of the key unit that follows. */
export interface GapItem extends Place {
  readonly kind: 'gap';
  readonly dropped: number;
}

/** The stream has ended, at the place of its last unit; nothing follows. */
export interface EndItem extends Place {
  readonly kind: 'end';
  readonly code: ErrorCode | 'closed';
  readonly message: string;
}

/** The camera's state, first of all items and then after every change; a state that was overtaken is left out. */
export interface StateItem {
  readonly kind: 'state';
  readonly state: CameraState;
}

export type QueuedItem = ConfigItem | UnitItem | GapItem;
export type StreamItem = QueuedItem | EndItem | StateItem;
