"""FFmpeg's WHIP muxer as a program of its own: `python -m tests.support.ffmpeg_whip URL TOKEN [option=value …]`.

Publishes a moving picture and a tone in real time until its standard input ends. Further options go to the muxer.
"""

from __future__ import annotations

import fractions
import math
import struct
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import av.logging
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

FRAMES_A_SECOND = 25
RATE = 48_000
CHUNK = 960
"""Samples of 20 ms."""


class Ffmpeg:
    """The program in a process, with a certificate on P-256.

    FFmpeg built with GnuTLS makes itself one on P-224, a curve that OpenSSL 4 does not know in TLS any more.
    """

    def __init__(self, folder: Path, url: str, token: str, *options: str) -> None:
        certificate, key = write_certificate(folder)
        command = [sys.executable, "-m", "tests.support.ffmpeg_whip", url, token]
        self._log = folder / "ffmpeg.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, f"cert_file={certificate}", f"key_file={key}", *options], stdin=subprocess.PIPE, stderr=log
            )

    def stop(self) -> str:
        """Let it end the session as it does; what it said. Raises when it failed."""
        self._process.communicate(timeout=60)
        said = self._log.read_text()
        if self._process.returncode:
            raise RuntimeError(said[-2000:])
        return said


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate and its key as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "encoder")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    files = folder / "encoder.crt", folder / "encoder.key"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


def publish(url: str, options: dict[str, str], ended: threading.Event) -> None:
    """Encode as an encoder in the field would: H.264 without B-frames, a keyframe each second, Opus."""
    with av.open(url, "w", format="whip", options=options) as container:
        picture = container.add_stream("libx264", rate=FRAMES_A_SECOND)
        picture.width, picture.height, picture.pix_fmt = 320, 240, "yuv420p"
        picture.options = {"profile": "baseline", "preset": "ultrafast", "tune": "zerolatency", "g": "25"}
        sound = container.add_stream("libopus", rate=RATE, layout="stereo")
        began, frames, samples = time.monotonic(), 0, 0
        while not ended.is_set():
            if frames / FRAMES_A_SECOND <= samples / RATE:
                at = frames / FRAMES_A_SECOND
                coded = picture.encode(_picture(frames))
                frames += 1
            else:
                at = samples / RATE
                coded = sound.encode(_sound(samples))
                samples += CHUNK
            time.sleep(max(0.0, began + at - time.monotonic()))
            for packet in coded:
                container.mux(packet)


def _picture(number: int) -> av.VideoFrame:
    frame = av.VideoFrame(320, 240, "yuv420p")
    for plane in frame.planes:
        plane.update(bytes([number * 3 % 256]) * plane.buffer_size)
    frame.pts, frame.time_base = number, fractions.Fraction(1, FRAMES_A_SECOND)
    return frame


def _sound(first: int) -> av.AudioFrame:
    frame = av.AudioFrame(format="s16", layout="stereo", samples=CHUNK)
    wave = (int(8000 * math.sin(2 * math.pi * 440 * (first + n) / RATE)) for n in range(CHUNK))
    frame.planes[0].update(b"".join(struct.pack("<hh", sample, sample) for sample in wave))
    frame.sample_rate, frame.pts, frame.time_base = RATE, first, fractions.Fraction(1, RATE)
    return frame


def main() -> None:
    url, token, *more = sys.argv[1:]
    av.logging.set_level(av.logging.VERBOSE)
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    publish(url, {"authorization": token} | dict(option.split("=", 1) for option in more), ended)


if __name__ == "__main__":
    main()
