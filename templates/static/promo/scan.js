/* Reads a QR code or barcode with the camera and looks for the code in it. Browsers
   that can do it themselves do; for others a decoder of QR codes is loaded. */
(() => {
  const EVERY = 150;
  const FORMATS = ["qr_code", "code_128"];

  const byId = (id) => document.getElementById(id);

  const withBrowser = async () => {
    if (!("BarcodeDetector" in window)) return null;
    const known = await BarcodeDetector.getSupportedFormats();
    const formats = FORMATS.filter((one) => known.includes(one));
    if (!formats.includes("qr_code")) return null;
    const detector = new BarcodeDetector({ formats });
    return async (video) => (await detector.detect(video))[0]?.rawValue;
  };

  const loaded = (address) =>
    new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    });

  const withDecoder = async (address) => {
    if (!window.jsQR) await loaded(address);
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    return async (video) => {
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      if (!canvas.width) return "";
      pen.drawImage(video, 0, 0);
      const seen = pen.getImageData(0, 0, canvas.width, canvas.height);
      return window.jsQR(seen.data, seen.width, seen.height)?.data;
    };
  };

  const refusal = (error) =>
    ({
      NotAllowedError: "The camera may not be used. Allow it for this page, or type the code.",
      NotFoundError: "This device has no camera. Type the code.",
      NotReadableError: "Something else uses the camera. Close it, or type the code.",
    })[error.name] || "The camera does not start. Type the code.";

  const begin = () => {
    const form = byId("find-code");
    const [start, stop, video, note] = ["scan", "stop-scan", "camera", "scan-note"].map(byId);
    let stream = null;

    const close = () => {
      stream?.getTracks().forEach((track) => track.stop());
      stream = null;
      video.hidden = stop.hidden = true;
      start.hidden = false;
    };

    const look = async (read) => {
      if (!stream) return;
      const text = (await read(video).catch(() => ""))?.trim();
      if (!text) {
        setTimeout(() => look(read), EVERY);
        return;
      }
      close();
      note.textContent = `Found ${text}`;
      byId("code").value = text;
      form.submit();
    };

    const open = async () => {
      if (!navigator.mediaDevices) {
        note.textContent = "The camera needs a page that is served over https. Type the code.";
        return;
      }
      note.textContent = "Hold the code before the camera.";
      try {
        stream = await navigator.mediaDevices.getUserMedia({
          video: { facingMode: "environment" },
        });
        video.srcObject = stream;
        video.hidden = stop.hidden = false;
        start.hidden = true;
        await video.play();
        look((await withBrowser()) || (await withDecoder(form.dataset.decoder)));
      } catch (error) {
        close();
        note.textContent = refusal(error);
      }
    };

    start.addEventListener("click", open);
    stop.addEventListener("click", () => {
      close();
      note.textContent = "";
      byId("code").focus();
    });
    addEventListener("pagehide", close);
  };

  addEventListener("DOMContentLoaded", begin);
})();
