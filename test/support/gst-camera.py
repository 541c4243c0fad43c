"""A camera of GStreamer's RTSP server: a test picture, or an MP4 file looped with timestamps that run on.

Each viewer sees it from the beginning.

Prints one JSON line, {"port": n}, when it serves; ends on SIGTERM. Run with /usr/bin/python3.
"""

import argparse
import json
import signal

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

ROLE = "viewer"


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--file", help="an MP4 of that codec, passed on as it is; a test picture when left out")
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--height", type=int, default=180)
    parser.add_argument("--fps", type=int, default=25)
    parser.add_argument("--gop", type=int, default=25, help="pictures from one key unit to the next")
    parser.add_argument("--codec", choices=["h264", "h265", "mjpeg"], default="h264")
    parser.add_argument("--audio", action="store_true", help="offer an audio track too")
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    parser.add_argument("--auth", choices=["basic", "digest"], default="digest")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--path", default="/camera")
    return parser.parse_args()


def byte_stream(codec):
    return f"video/x-{codec},stream-format=byte-stream,alignment=au"


def access_units(path, codec):
    """All access units of a file: (bytes, pts, dts, duration) with times in ns from the first dts."""
    pipeline = Gst.parse_launch(
        f'filesrc location="{path}" ! qtdemux ! {codec}parse config-interval=-1'
        f" ! {byte_stream(codec)} ! appsink name=sink sync=false"
    )
    sink = pipeline.get_by_name("sink")
    pipeline.set_state(Gst.State.PLAYING)
    units = []
    while (sample := sink.emit("pull-sample")) is not None:
        buffer = sample.get_buffer()
        units.append((buffer.extract_dup(0, buffer.get_size()), buffer.pts, buffer.dts, buffer.duration))
    pipeline.set_state(Gst.State.NULL)
    if not units:
        raise SystemExit(f"{path} holds no access unit of {codec}")
    start = units[0][2]
    return [(data, pts - start, dts - start, duration) for data, pts, dts, duration in units]


class Loop:
    """Feeds one media's appsrc with the units of a file, again and again, each when its time comes."""

    def __init__(self, source, units, codec):
        self.source = source
        self.units = units
        self.length = sum(unit[3] for unit in units)
        self.next = 0
        source.set_property("caps", Gst.Caps.from_string(byte_stream(codec)))
        source.connect("need-data", self.feed)

    def feed(self, source, _size):
        rounds, index = divmod(self.next, len(self.units))
        data, pts, dts, duration = self.units[index]
        buffer = Gst.Buffer.new_wrapped(data)
        buffer.pts = pts + rounds * self.length
        buffer.dts = dts + rounds * self.length
        buffer.duration = duration
        self.next += 1
        source.emit("push-buffer", buffer)


def launch_line(options):
    payload = f"rtp{options.codec}pay name=pay0 pt=96 config-interval=-1"
    audio = " audiotestsrc is-live=true volume=0.1 ! alawenc ! rtppcmapay name=pay1" if options.audio else ""
    if options.file:
        return f"( appsrc name=source format=time max-buffers=2 ! {options.codec}parse ! {payload}{audio} )"
    picture = (
        "videotestsrc is-live=true pattern=ball"
        f" ! video/x-raw,format=I420,width={options.width},height={options.height},framerate={options.fps}/1"
    )
    if options.codec == "mjpeg":
        return f"( {picture} ! jpegenc ! rtpjpegpay name=pay0 pt=26{audio} )"
    encoder = f"x{options.codec[1:]}enc tune=zerolatency speed-preset=ultrafast bitrate=800 key-int-max={options.gop}"
    return f"( {picture} ! {encoder} ! {payload}{audio} )"


def require_sign_in(server, factory, options):
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, ROLE)
    if options.auth == "basic":
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(options.user, options.password), token)
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
    else:
        auth.add_digest(options.user, options.password, token)
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role(ROLE, GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS, True)
    permissions.add_permission_for_role(ROLE, GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, True)
    factory.set_permissions(permissions)


def main():
    options = arguments()
    Gst.init(None)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(launch_line(options))
    # One pipeline a viewer: with one for all, GStreamer 1.22 locks up for ever when viewers come and go at once.
    factory.set_shared(False)
    loops = []
    if options.file:
        units = access_units(options.file, options.codec)

        def configure(_factory, media):
            loops.append(Loop(media.get_element().get_by_name_recurse_up("source"), units, options.codec))

        factory.connect("media-configure", configure)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(options.port))
    if options.user is not None:
        require_sign_in(server, factory, options)
    server.get_mount_points().add_factory(options.path, factory)
    if server.attach(None) == 0:
        raise SystemExit(f"port {options.port} could not be taken")
    loop = GLib.MainLoop()
    GLib.unix_signal_add(GLib.PRIORITY_HIGH, signal.SIGTERM, loop.quit)
    print(json.dumps({"port": server.get_bound_port()}), flush=True)
    loop.run()


main()
