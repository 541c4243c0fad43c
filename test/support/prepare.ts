/** Makes sure that what the tests need from Debian is there: installs it as root, names it otherwise. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** A file that proves each package, so that a machine that has everything asks nobody. */
const PACKAGES: Readonly<Record<string, string>> = {
  chromium: '/usr/bin/chromium',
  ffmpeg: '/usr/bin/ffmpeg',
  libvulkan1: '/usr/lib/x86_64-linux-gnu/libvulkan.so.1',
  'python3-gi': '/usr/lib/python3/dist-packages/gi/__init__.py',
  'gir1.2-gst-rtsp-server-1.0': '/usr/lib/x86_64-linux-gnu/girepository-1.0/GstRtspServer-1.0.typelib',
  'gstreamer1.0-plugins-base': '/usr/lib/x86_64-linux-gnu/gstreamer-1.0/libgstvideotestsrc.so',
  'gstreamer1.0-plugins-good': '/usr/lib/x86_64-linux-gnu/gstreamer-1.0/libgstisomp4.so',
  'gstreamer1.0-plugins-bad': '/usr/lib/x86_64-linux-gnu/gstreamer-1.0/libgstvideoparsersbad.so',
  'gstreamer1.0-plugins-ugly': '/usr/lib/x86_64-linux-gnu/gstreamer-1.0/libgstx264.so',
  'gstreamer1.0-rtsp': '/usr/lib/x86_64-linux-gnu/gstreamer-1.0/libgstrtspclientsink.so',
  'python3-numpy': '/usr/lib/python3/dist-packages/numpy/__init__.py',
  'python3-pil': '/usr/lib/python3/dist-packages/PIL/Image.py',
  'python3-torch': '/usr/lib/python3/dist-packages/torch/__init__.py',
  'python3-onnx': '/usr/lib/python3/dist-packages/onnx/__init__.py',
  'libtcmalloc-minimal4': '/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4',
};

const missing = Object.entries(PACKAGES)
  .filter(([, file]) => !existsSync(file))
  .map(([name]) => name);

if (missing.length > 0) {
  const install = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (!mayInstall) {
    console.error(`The tests need: ${missing.join(', ')}. Install them with: sudo ${install}`);
    process.exit(1);
  }
  console.log(`Installing for the tests: ${missing.join(', ')}`);
  for (const command of ['apt-get update -qq', `${install} -qq`]) {
    const [name = '', ...args] = command.split(' ');
    const { status } = spawnSync(name, args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (status !== 0) {
      console.error(`Installing failed. Run by hand: ${install}`);
      process.exit(1);
    }
  }
}
