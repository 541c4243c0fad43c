"""Plays HLS with GStreamer and prints the size of each picture, one a line, until the end or after so many.

Run with /usr/bin/python3: gst-hls-client.py ADDRESS [PICTURES]
"""

import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

DECODERS = {"h264": "openh264dec", "h265": "libde265dec"}
address = sys.argv[1]
most = int(sys.argv[2]) if len(sys.argv) > 2 else None
seen = 0

Gst.init(None)
loop = GLib.MainLoop()
pipeline = Gst.Pipeline.new()
# Coded pictures are what is wanted. It chooses the elements, as any player does.
player = Gst.ElementFactory.make("uridecodebin")
player.set_property("uri", address)
player.set_property("caps", Gst.Caps.from_string("video/x-h264; video/x-h265"))
pipeline.add(player)


def picture(pad, _info):
    global seen
    caps = pad.get_current_caps().get_structure(0)
    print(f"{caps.get_int('width')[1]}x{caps.get_int('height')[1]}", flush=True)
    seen += 1
    if seen == most:
        GLib.idle_add(loop.quit)
    return Gst.PadProbeReturn.OK if most is None or seen < most else Gst.PadProbeReturn.DROP


def track(_player, pad):
    codec = pad.query_caps().get_structure(0).get_name().removeprefix("video/x-")
    names = (f"{codec}parse", DECODERS[codec], "fakesink")
    parser, decoder, sink = (Gst.ElementFactory.make(name) for name in names)
    sink.set_property("async", False)
    for element in (parser, decoder, sink):
        pipeline.add(element)
    parser.link(decoder)
    decoder.link(sink)
    decoder.get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, picture)
    for element in (sink, decoder, parser):
        element.sync_state_with_parent()
    pad.link(parser.get_static_pad("sink"))


def told(_bus, message):
    if message.type == Gst.MessageType.ERROR:
        print(message.parse_error().gerror.message, file=sys.stderr)
    if message.type in (Gst.MessageType.ERROR, Gst.MessageType.EOS):
        loop.quit()


player.connect("pad-added", track)
bus = pipeline.get_bus()
bus.add_signal_watch()
bus.connect("message", told)
pipeline.set_state(Gst.State.PLAYING)
loop.run()
pipeline.set_state(Gst.State.NULL)
