import { expect, it } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { startGstCamera } from '../support/gst-camera.ts';
import { startNightglass } from '../support/nightglass.ts';
import { openPage, statusWhen } from '../support/player-page.ts';

it('a browser that cannot decode an H.265 camera says so, and what to do', async () => {
  await using camera = await startGstCamera({ codec: 'h265', width: 160, height: 96 });
  await using server = await startNightglass('--camera', camera.url);
  const browser = await launchChromium();
  try {
    const page = await openPage(browser, server.link);
    expect(await statusWhen(page, 'unsupported')).toEqual({
      status: 'unsupported',
      codec: expect.stringMatching(/^hev1\.1\.6\.L\d+/),
    });
    await page.getByText('This browser cannot decode H.265').waitFor();
    await page.getByText('or set the camera or its second stream to H.264').waitFor();
  } finally {
    await browser.close();
  }
});
