/** The demo camera's place and lens: world points to pixels and pixels to rays. */

/** A point or direction in metres: x to the right along the quay, y up from the quay's top, z away from the camera. */
export type Vec = readonly [x: number, y: number, z: number];

/** A pinhole camera. Pixel centres are at +0.5; y runs down the picture. */
export interface View {
  readonly width: number;
  readonly height: number;
  /** Focal length in pixels. */
  readonly focal: number;
  readonly eye: Vec;
  /** Radians: where it looks, and how wide. */
  readonly yaw: number;
  readonly pitch: number;
  readonly fieldOfView: number;
  readonly right: Vec;
  readonly up: Vec;
  readonly forward: Vec;
}

/** A camera on a mast over the quay, `width` pixels wide at 16:9. Yaw and pitch in radians; positive pitch looks down. */
export function openView(width: number, eye: Vec, yaw: number, pitch: number, fieldOfView: number): View {
  const height = Math.round((width * 9) / 16);
  const forward: Vec = [Math.sin(yaw) * Math.cos(pitch), -Math.sin(pitch), Math.cos(yaw) * Math.cos(pitch)];
  const right: Vec = [Math.cos(yaw), 0, -Math.sin(yaw)];
  const up: Vec = [Math.sin(yaw) * Math.sin(pitch), Math.cos(pitch), Math.cos(yaw) * Math.sin(pitch)];
  const focal = width / 2 / Math.tan(fieldOfView / 2);
  return { width, height, focal, eye, yaw, pitch, fieldOfView, right, up, forward };
}

/** The unit direction from the eye through a pixel. */
export function rayThrough(view: View, px: number, py: number): Vec {
  const a = (px - view.width / 2) / view.focal;
  const b = (view.height / 2 - py) / view.focal;
  const { right, up, forward } = view;
  const x = forward[0] + a * right[0] + b * up[0];
  const y = forward[1] + a * right[1] + b * up[1];
  const z = forward[2] + a * right[2] + b * up[2];
  const length = Math.sqrt(x * x + y * y + z * z);
  return [x / length, y / length, z / length];
}

/** Where a world point falls: pixel x, pixel y and its depth along the optical axis in metres. */
export function project(view: View, x: number, y: number, z: number): Vec {
  const dx = x - view.eye[0];
  const dy = y - view.eye[1];
  const dz = z - view.eye[2];
  const depth = dx * view.forward[0] + dy * view.forward[1] + dz * view.forward[2];
  const across = dx * view.right[0] + dy * view.right[1] + dz * view.right[2];
  const above = dx * view.up[0] + dy * view.up[1] + dz * view.up[2];
  return [
    view.width / 2 + (view.focal * across) / depth,
    view.height / 2 - (view.focal * above) / depth,
    depth,
  ];
}
