/** The part of nightglass.yaml that says how much of a camera's past is kept. */
import { z } from 'zod';
import { NightglassError } from '#wire/nightglass-error.ts';
import type { TimeshiftWindow } from '#wire/timeline.ts';

/** At least some minutes: what is shorter than a segment would never hold one. */
export const timeshiftSchema = z.strictObject({
  hours: z.number().min(0.05).max(8784),
  maxGiB: z.number().min(0.1).max(1_000_000),
});

/** Of the demo camera. */
export const DEMO_TIMESHIFT: TimeshiftWindow = { hours: 1, maxGiB: 0.5 };

/** Some file systems know no capitals: two cameras would share a folder. @throws NightglassError `config/invalid` */
export function checkFolders(cameras: Readonly<Record<string, { readonly timeshift?: unknown }>>): void {
  const seen = new Map<string, string>();
  for (const [name, { timeshift }] of Object.entries(cameras)) {
    if (timeshift === undefined) continue;
    const other = seen.get(name.toLowerCase());
    if (other !== undefined)
      throw new NightglassError(
        'config/invalid',
        `cameras ${other} and ${name}: with timeshift, names must differ by more than capitals`,
      );
    seen.set(name.toLowerCase(), name);
  }
}
