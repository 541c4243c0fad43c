/** Where the before/after divider stands: from the pointer, and from the keyboard. All positions are shares, 0…1. */

/** Where a pointer at `clientX` puts a divider on a picture that lies from `left` on, `width` wide (CSS pixels). */
export const dividerAt = (clientX: number, left: number, width: number): number =>
  width > 0 ? within((clientX - left) / width) : 0;

/** Where a key moves the divider, or nothing where the key is not one of a slider's (ARIA's slider pattern). */
export function dividerAfterKey(position: number, key: string, shift: boolean): number | undefined {
  const step = shift ? 0.1 : 0.01;
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return moved(position, -step);
    case 'ArrowRight':
    case 'ArrowUp':
      return moved(position, step);
    case 'PageDown':
      return moved(position, -0.1);
    case 'PageUp':
      return moved(position, 0.1);
    case 'Home':
      return 0;
    case 'End':
      return 1;
    default:
      return undefined;
  }
}

/** True where the divider shows something of both pictures. */
export const showsBoth = (position: number): boolean => position > 0.02 && position < 0.98;

/** Where the compare button puts the divider: into the middle, or away again. */
export const dividerAfterCompare = (position: number): number => (showsBoth(position) ? 0 : 0.5);

// Whole per cents, so that steps of a tenth and a hundredth meet again at 0 and 1.
const moved = (position: number, step: number): number => within(Math.round((position + step) * 100) / 100);

const within = (share: number): number => Math.min(1, Math.max(0, share));
