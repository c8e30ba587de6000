/** Cameras and microphones of this browser. Knows no connection. */

/** @typedef {"denied" | "none" | "busy" | "insecure" | "failed"} DeviceProblem */

/**
 * @param {{camera?: string, microphone?: string}} chosen device identifiers
 * @returns {Promise<MediaStream>}
 */
export function openDevices(chosen) {
  if (!navigator.mediaDevices) return Promise.reject(new DOMException('', 'SecurityError'));
  return navigator.mediaDevices.getUserMedia({
    video: {
      width: { ideal: 1280 },
      height: { ideal: 720 },
      frameRate: { ideal: 25, max: 30 },
      ...(chosen.camera && { deviceId: { exact: chosen.camera } }),
    },
    audio: {
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
      ...(chosen.microphone && { deviceId: { exact: chosen.microphone } }),
    },
  });
}

/** @param {unknown} error @returns {DeviceProblem} */
export function deviceProblem(error) {
  const name = error instanceof DOMException ? error.name : '';
  if (!window.isSecureContext) return 'insecure';
  /** @type {Record<string, DeviceProblem>} */
  const known = {
    NotAllowedError: 'denied',
    SecurityError: 'insecure',
    NotFoundError: 'none',
    OverconstrainedError: 'none',
    NotReadableError: 'busy',
  };
  return known[name] ?? 'failed';
}

/** @param {"videoinput" | "audioinput"} kind */
export async function listDevices(kind) {
  return (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === kind);
}

/** @param {MediaStream} stream @param {(level: number) => void} tell root mean square, 0 to 1 */
export function meterLevel(stream, tell) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    if (context.state === 'suspended') void context.resume();
    analyser.getFloatTimeDomainData(samples);
    tell(Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length));
  }, 120);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}
