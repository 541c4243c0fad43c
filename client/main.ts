/** The page: gives the player elements their worker; the elements do the rest. */
import { openTile, warmPlayer } from './player-link.ts';
import './ui/nightglass-app.ts';
import { NightglassPlayer } from './ui/nightglass-player.ts';

NightglassPlayer.openTile = openTile;
if (document.querySelector('nightglass-app') !== null) warmPlayer(new URL('.', document.baseURI));
