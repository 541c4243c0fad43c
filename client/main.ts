/** The page: gives the player elements their worker; the elements do the rest. */
import './dispose-symbols.ts';
import { openTile, warmPlayer } from './player-link.ts';
import { deleteClip, filesOf, listClips, recoverClips } from './record/clip-shelf.ts';
import { ClipKeeping } from './ui/clip-keeping.ts';
import './ui/nightglass-app.ts';
import { NightglassConvert } from './ui/nightglass-convert.ts';
import { NightglassOpenFile } from './ui/nightglass-open-file.ts';
import { NightglassPlayer } from './ui/nightglass-player.ts';
import { NightglassRecorder } from './ui/nightglass-recorder.ts';
import { NightglassRecorderClips } from './ui/nightglass-recorder-clips.ts';

NightglassPlayer.openTile = openTile;
NightglassRecorder.shelf = { list: listClips, recover: recoverClips, files: filesOf, delete: deleteClip };
NightglassOpenFile.open = async (file, progress, signal) =>
  (await import('./open-video.ts')).openVideo(file, progress, signal);
NightglassRecorderClips.keeping = new ClipKeeping(
  new URL('.', document.baseURI),
  async (server, clip, progress) =>
    (await import('./record/clip-upload.ts')).keepOnServer(server, clip, progress),
);
NightglassConvert.workshop = {
  pictures: async (file) => (await import('./file/picture-times.ts')).PictureTimes.open(file),
  make: async (...request) => (await import('./convert-clip.ts')).makeOfClip(...request),
};
if (document.querySelector('nightglass-app') !== null) warmPlayer(new URL('.', document.baseURI));
