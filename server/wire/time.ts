/** Units of time as types, so that a timestamp's unit is a compile-time fact. */

declare const unit: unique symbol;

/** A number that is known to be in unit `U`. */
export type Quantity<U extends string> = number & { readonly [unit]: U };

/** Microseconds: durations and timestamps. Safe as a double for 285 years. */
export type Micros = Quantity<'µs'>;

/** Wall-clock microseconds since the Unix epoch. */
export type WallMicros = Quantity<'µs since 1970-01-01T00:00:00Z'>;

/** States that a plain number is in microseconds. */
export const micros = (value: number): Micros => value as Micros;

/** States that a plain number is wall-clock microseconds since the Unix epoch. */
export const wallMicros = (value: number): WallMicros => value as WallMicros;

/** The wall clock now, from `Date.now()` refined by nothing: whole milliseconds, in microseconds. */
export const wallNow = (): WallMicros => wallMicros(Date.now() * 1000);
