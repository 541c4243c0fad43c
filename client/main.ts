/** The page: gives the player elements their worker; the elements do the rest. */
import { openTile, warmPlayer } from './player-link.ts';
import { deleteClip, filesOf, listClips, recoverClips } from './record/clip-shelf.ts';
import './ui/nightglass-app.ts';
import { NightglassPlayer } from './ui/nightglass-player.ts';
import { NightglassRecorder } from './ui/nightglass-recorder.ts';

NightglassPlayer.openTile = openTile;
NightglassRecorder.shelf = { list: listClips, recover: recoverClips, files: filesOf, delete: deleteClip };
if (document.querySelector('nightglass-app') !== null) warmPlayer(new URL('.', document.baseURI));
