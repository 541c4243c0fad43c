/** Where a camera's pictures come from, as nightglass.yaml or a flag says it: an address or a file → a source. */
import { z } from 'zod';
import { NightglassError } from '#wire/nightglass-error.ts';
import { type FfmpegAddress, inputOf, isFfmpegAddress } from './ingest/ffmpeg-address.ts';
import { readRtspAddress, splitCredentials } from './ingest/rtsp-url.ts';
import { checkRtsp, type RtspOptions, rtspOptions, rtspSchema } from './rtsp-config.ts';
import type { WhipCamera } from './whip-config.ts';

/** Credentials stand beside the address, never in it. */
export type CameraSource =
  | ({
      readonly kind: 'rtsp';
      readonly url: string;
      readonly username?: string;
      readonly password?: string;
    } & RtspOptions)
  | { readonly kind: 'replay'; readonly file: string }
  | ({ readonly kind: 'ffmpeg' } & FfmpegAddress)
  /** Somebody publishes to it. */
  | ({ readonly kind: 'whip' } & WhipCamera)
  /** An address nobody can open; the tile says why, and the other cameras run. */
  | { readonly kind: 'broken'; readonly error: NightglassError };

export type PublishedSource = Extract<CameraSource, { kind: 'whip' }>;
/** A source that the server opens itself. */
export type OpenedSource = Exclude<CameraSource, PublishedSource>;

/** The fields of an address, for the camera itself and for its smaller stream. */
export const addressFields = {
  url: z.string().min(1).optional(),
  file: z.string().min(1).optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  encode: z.boolean().default(false),
  ...rtspSchema,
};

/** The smaller stream: an address alone, or with the fields of one. */
export const subSchema = z.union(
  [
    z
      .string()
      .min(1)
      .transform((url) => ({ url, encode: false })),
    z
      .strictObject(addressFields)
      .superRefine(checkRtsp)
      .refine(({ url, file }) => (url === undefined) !== (file === undefined)),
  ],
  { error: 'must be an address, or have one of url and file beside the fields of an address' },
);

type Address = z.output<z.ZodObject<typeof addressFields>>;

/** @param beside a path of the configuration file → the path to open */
export function sourceFrom(address: Address, beside: (path: string) => string): OpenedSource {
  const { url, file, username, password, encode, ...rtsp } = address;
  if (file !== undefined) return fileSource(beside(file), encode);
  return addressSource(
    url ?? '',
    encode,
    {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    },
    rtspOptions(rtsp),
  );
}

/**
 * The smaller stream of a camera. On the same host it signs in as the camera's own stream does, and takes its transport
 * and trust, where it says nothing else: they are one machine.
 */
export function subSourceFrom(
  address: Address,
  beside: (path: string) => string,
  main: CameraSource,
): OpenedSource {
  const sub = sourceFrom(address, beside);
  if (sub.kind !== 'rtsp' || main.kind !== 'rtsp') return sub;
  const [its, mains] = [readRtspAddress(sub.url), readRtspAddress(main.url)];
  if (its.host !== mains.host || its.secure !== mains.secure) return sub;
  const { url: _url, username, password, ...options } = main;
  const signIn = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
  return { ...options, ...(sub.username === undefined && sub.password === undefined ? signIn : {}), ...sub };
}

/** An address or a path, as a flag gives it. */
export const sourceOfFlag = (address: string): OpenedSource =>
  /^[a-z][a-z0-9+.-]*:/i.test(address) ? addressSource(address, false, {}) : fileSource(address, false);

/** Files that are replayed as they are; ffmpeg plays any other. */
const fileSource = (file: string, encode: boolean): OpenedSource =>
  /\.(mp4|m4v|mov)$/i.test(file) && !encode
    ? { kind: 'replay', file }
    : { kind: 'ffmpeg', url: `file:${file}`, encode };

function addressSource(
  address: string,
  encode: boolean,
  given: { username?: string; password?: string },
  options: RtspOptions = {},
): OpenedSource {
  try {
    if (isFfmpegAddress(address)) {
      const split = address.includes('://') ? splitCredentials(address) : { url: address };
      const source = { kind: 'ffmpeg' as const, ...split, ...given, encode };
      inputOf(source);
      return source;
    }
    const split = splitCredentials(address);
    readRtspAddress(split.url);
    return { kind: 'rtsp', ...split, ...given, ...options };
  } catch (error) {
    if (error instanceof NightglassError) return { kind: 'broken', error };
    throw error;
  }
}
