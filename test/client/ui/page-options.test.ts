import { describe, expect, it } from 'vitest';
import { readPageOptions, switchedOn, switchedOnByName } from '../../../client/ui/page-options.ts';

describe('what the page’s address asks for', () => {
  it('shows everything fully enhanced when nothing is asked', () => {
    expect(readPageOptions('')).toEqual({
      engine: 'auto',
      denoise: false,
      via: 'auto',
      enhance: true,
      strength: 1,
      divider: 0,
      camera: undefined,
    });
  });

  it('reads each parameter', () => {
    expect(
      readPageOptions(
        '?engine=ort-webgpu&model=lite&denoise=on&via=hls&enhance=off&strength=0.4&divider=0.5&camera=quay%201',
      ),
    ).toEqual({
      engine: 'ort-webgpu',
      model: 'lite',
      denoise: true,
      via: 'hls',
      enhance: false,
      strength: 0.4,
      divider: 0.5,
      camera: 'quay 1',
    });
  });

  it('takes what it does not understand as not given', () => {
    expect(
      readPageOptions(
        '?engine=cuda&denoise=a-little&via=pigeon&enhance=perhaps&strength=much&divider=&camera=',
      ),
    ).toEqual(readPageOptions(''));
  });

  it('keeps shares between nothing and all', () => {
    expect(readPageOptions('?strength=7&divider=-1')).toMatchObject({ strength: 1, divider: 0 });
    expect(readPageOptions('?strength=-7&divider=1.5')).toMatchObject({ strength: 0, divider: 1 });
  });

  it.each(['off', 'OFF', 'false', 'no', '0', ' off '])('takes "%s" as switched off', (text) => {
    expect(switchedOn(text)).toBe(false);
  });

  it.each([null, '', 'on', 'true', 'yes', '1'])('takes "%s" as switched on', (text) => {
    expect(switchedOn(text)).toBe(true);
  });

  it.each([
    { text: null, on: false },
    { text: 'off', on: false },
    { text: '', on: true },
    { text: ' ON ', on: true },
  ])('takes "$text" as $on where it has to be asked for', ({ text, on }) => {
    expect(switchedOnByName(text)).toBe(on);
  });
});
