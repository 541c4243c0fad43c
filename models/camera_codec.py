"""What a camera's encoder does to its pictures: a JPEG round trip, and H.264 by two ffmpeg children.

Pictures are uint8 RGB [h,w,3], full range, sRGB-encoded, both sides even.
"""
import io
import subprocess
from contextlib import suppress
from threading import Thread
from typing import NamedTuple

import numpy as np
from PIL import Image

MATRICES = {"bt601": "smpte170m", "bt709": "bt709"}      # swscale's name: the H.264 VUI's

SCALER = "bicubic+accurate_rnd+full_chroma_int"          # without these swscale rounds down: dark pictures lose a level


class Recipe(NamedTuple):
    """How a camera encodes: bits per pixel of the stream, and what a hardware encoder can do."""
    bits_per_pixel: float
    frames_per_second: int = 25
    preset: str = "veryfast"
    profile: str = "main"
    gop: int = 50              # frames from one key frame to the next
    buffer: float = 1.0        # rate control's window, seconds: a short one starves key frames and movement
    coarsest: int = 51         # the largest quantiser that rate control may reach for, 0..51
    matrix: str = "bt601"


def jpeg(picture, quality):
    """A JPEG round trip with 4:2:0 chroma, quality 1..95: an MJPEG camera, and a cheap stand-in for a key frame."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=int(quality), subsampling=2)
    return np.asarray(Image.open(file))


def draw_recipe(random):
    """A camera's encoder: 0.015 to 0.2 bit per pixel, 15 to 30 frames per second, one in five starved by its buffer."""
    preset = str(random.choice(["ultrafast", "superfast", "veryfast"]))
    bits_per_pixel = float(np.exp(random.uniform(np.log(0.015), np.log(0.2))))
    frames_per_second = int(random.choice([15, 20, 25, 30]))
    # The window holds a key frame, scarcely when starved, and the quantiser has an end: past it no dark picture is left.
    starved = random.random() < 0.2
    key_frame = random.uniform(0.3, 0.6) if starved else random.uniform(0.8, 4)
    return Recipe(
        bits_per_pixel=bits_per_pixel,
        frames_per_second=frames_per_second,
        preset=preset,
        profile="baseline" if preset == "ultrafast" else str(random.choice(["baseline", "main"])),
        gop=int(random.integers(4, 60)),
        buffer=float(key_frame / (bits_per_pixel * frames_per_second)),
        coarsest=int(random.integers(38, 45) if starved else random.integers(28, 40)),
        matrix=str(random.choice(list(MATRICES))))


def encoder_arguments(recipe, width, height):
    rate = max(1000, round(recipe.bits_per_pixel * width * height * recipe.frames_per_second))
    colour = MATRICES[recipe.matrix]
    return ["ffmpeg", "-v", "error", "-nostdin", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}",
            "-r", str(recipe.frames_per_second), "-i", "pipe:0",
            "-vf", f"scale=out_color_matrix={recipe.matrix}:out_range=tv:flags={SCALER},format=yuv420p",
            "-c:v", "libx264", "-threads", "1", "-preset", recipe.preset, "-tune", "zerolatency", "-bf", "0",
            "-profile:v", recipe.profile, "-g", str(recipe.gop), "-qmax", str(recipe.coarsest),
            "-b:v", str(rate), "-maxrate", str(rate), "-bufsize", str(max(1000, round(rate * recipe.buffer))),
            "-colorspace", colour, "-color_range", "tv", "-f", "h264", "pipe:1"]


def decoder_arguments(recipe):
    return ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-r", str(recipe.frames_per_second), "-f", "h264",
            "-i", "pipe:0", "-vf", f"scale=in_color_matrix={recipe.matrix}:in_range=tv:flags={SCALER},format=rgb24",
            "-f", "rawvideo", "pipe:1"]


def start(arguments, source):
    try:
        return subprocess.Popen(arguments, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except FileNotFoundError:
        raise SystemExit("ffmpeg is not installed (apt install ffmpeg): cannot film synthetic cameras") from None


def film(frames, recipe):
    """Frames uint8 RGB [n,h,w,3] as they come out of a camera's H.264 stream, same shape; limited-range 4:2:0 inside."""
    frames = np.ascontiguousarray(frames)
    count, height, width, _ = frames.shape
    encoder = start(encoder_arguments(recipe, width, height), subprocess.PIPE)
    children = [encoder]
    try:
        children.append(decoder := start(decoder_arguments(recipe), encoder.stdout))
        encoder.stdout.close()          # the decoder's now: if the decoder dies, the encoder must notice

        def feed():
            with suppress(BrokenPipeError):      # the encoder died; what it said on stderr follows below
                encoder.stdin.write(frames.data)
                encoder.stdin.close()

        feeder = Thread(target=feed, daemon=True)
        feeder.start()
        decoded, complaint = decoder.communicate()
        feeder.join()
        complaint = encoder.stderr.read() + complaint
        encoder.wait()
    finally:
        for child in children:
            if child.poll() is None:
                child.kill()
                child.wait()
            for pipe in (child.stdin, child.stdout, child.stderr):
                with suppress(BrokenPipeError):
                    if pipe:
                        pipe.close()
    if len(decoded) != frames.nbytes:
        lines = complaint.decode(errors="replace").strip().splitlines() or [f"{len(decoded)} of {frames.nbytes} bytes came back"]
        raise SystemExit(f"ffmpeg could not film {count} frames of {width}x{height}: {lines[0]}")
    return np.frombuffer(decoded, np.uint8).reshape(frames.shape)
