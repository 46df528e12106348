// A pad to sign on; what is drawn becomes a picture in the field's file input.
import { keep, once } from "./content.ts";

export function startSignatures(root: ParentNode): void {
  once(root, "[data-signature]", "padded", pad);
}

function pad(field: HTMLElement): void {
  const input = field.querySelector<HTMLInputElement>("input[type=file]");
  if (!input) return;
  keep(field);
  const canvas = document.createElement("canvas");
  canvas.className = "pad";
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", field.dataset.label ?? "");
  const clear = document.createElement("button");
  clear.type = "button";
  clear.className = "btn btn-sm";
  clear.textContent = field.dataset.clear ?? "";
  input.before(canvas, clear);
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const fit = (): void => {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = canvas.clientWidth * ratio;
    canvas.height = canvas.clientHeight * ratio;
    pen.scale(ratio, ratio);
    pen.lineWidth = 2;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = getComputedStyle(canvas).color;
  };
  requestAnimationFrame(fit);
  let drawing = false;
  canvas.addEventListener("pointerdown", (event) => {
    drawing = true;
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(event.offsetX, event.offsetY);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    pen.lineTo(event.offsetX, event.offsetY);
    pen.stroke();
  });
  canvas.addEventListener("pointerup", () => {
    drawing = false;
    canvas.toBlob((blob) => {
      if (!blob) return;
      const files = new DataTransfer();
      files.items.add(new File([blob], "signature.png", { type: "image/png" }));
      input.files = files.files;
    });
  });
  clear.addEventListener("click", () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    input.value = "";
  });
}
