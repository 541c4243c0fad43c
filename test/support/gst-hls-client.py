"""Plays HLS with GStreamer and prints the size of each picture, one a line, until the end or after so many.

Run with /usr/bin/python3: gst-hls-client.py ADDRESS [PICTURES]
"""

import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

address = sys.argv[1]
most = int(sys.argv[2]) if len(sys.argv) > 2 else None
seen = 0

Gst.init(None)
loop = GLib.MainLoop()
pipeline = Gst.Pipeline.new()
source, hls, mp4 = (Gst.ElementFactory.make(name) for name in ("souphttpsrc", "hlsdemux", "qtdemux"))
source.set_property("location", address)
for element in (source, hls, mp4):
    pipeline.add(element)
source.link(hls)


def picture(pad, _info):
    global seen
    caps = pad.get_current_caps().get_structure(0)
    print(f"{caps.get_int('width')[1]}x{caps.get_int('height')[1]}", flush=True)
    seen += 1
    if seen == most:
        GLib.idle_add(loop.quit)
    return Gst.PadProbeReturn.OK if most is None or seen < most else Gst.PadProbeReturn.DROP


def track(_demux, pad):
    sink = Gst.ElementFactory.make("fakesink")
    sink.set_property("async", False)
    pipeline.add(sink)
    pad.add_probe(Gst.PadProbeType.BUFFER, picture)
    sink.sync_state_with_parent()
    pad.link(sink.get_static_pad("sink"))


def told(_bus, message):
    if message.type == Gst.MessageType.ERROR:
        print(message.parse_error().gerror.message, file=sys.stderr)
    if message.type in (Gst.MessageType.ERROR, Gst.MessageType.EOS):
        loop.quit()


hls.connect("pad-added", lambda _hls, pad: pad.link(mp4.get_static_pad("sink")))
mp4.connect("pad-added", track)
bus = pipeline.get_bus()
bus.add_signal_watch()
bus.connect("message", told)
pipeline.set_state(Gst.State.PLAYING)
loop.run()
pipeline.set_state(Gst.State.NULL)
