/** What the page's address asks for. */
import type { Via } from '../playback-state.ts';
import type { EngineChoice } from '../player-protocol.ts';

export interface PageOptions {
  readonly engine: EngineChoice;
  /** The network to use and no other, by name. */
  readonly model: string | undefined;
  /** Average noise away over time before the network. */
  readonly denoise: boolean;
  /** How the live picture comes. */
  readonly via: Via;
  readonly enhance: boolean;
  /** 0…1 */
  readonly strength: number;
  /** 0…1, the share of the picture from the left that shows the camera's own picture. */
  readonly divider: number;
  /** Show this camera and no other. */
  readonly camera: string | undefined;
}

const VIAS: readonly Via[] = ['auto', 'ws', 'hls'];
const ENGINES: readonly EngineChoice[] = ['auto', 'wgsl', 'ort-webgpu', 'wasm', 'off'];

/**
 * Reads `?engine=auto|wgsl|ort-webgpu|wasm|off`, `?model=name`, `?denoise=on|off`, `?via=auto|ws|hls`, `?enhance=off`,
 * `?strength=0…1`, `?divider=0…1` and `?camera=name`. What is not understood counts as not given: an address typed by hand must not break the page.
 */
export function readPageOptions(search: string): PageOptions {
  const given = new URLSearchParams(search);
  return {
    engine: ENGINES.find((engine) => engine === given.get('engine')) ?? 'auto',
    model: given.get('model') || undefined,
    denoise: switchedOnByName(given.get('denoise')),
    via: VIAS.find((via) => via === given.get('via')) ?? 'auto',
    enhance: switchedOn(given.get('enhance')),
    strength: share(given.get('strength'), 1),
    divider: share(given.get('divider'), 0),
    camera: given.get('camera') || undefined,
  };
}

/** Reads an attribute or parameter that is on unless it says otherwise. */
export const switchedOn = (text: string | null): boolean =>
  text === null || !['off', 'false', 'no', '0'].includes(text.trim().toLowerCase());

/** Reads an attribute or parameter that is off unless it says on, or stands there without a value. */
export const switchedOnByName = (text: string | null): boolean =>
  text !== null && ['', 'on', 'true', 'yes', '1'].includes(text.trim().toLowerCase());

function share(text: string | null, otherwise: number): number {
  if (text === null || text.trim() === '') return otherwise;
  const value = Number(text);
  return Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : otherwise;
}
