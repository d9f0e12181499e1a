// Draws the customer's signature and offers the phone's position; without it the page works with buttons and a typed name.
"use strict";

const sign = document.getElementById("sign");
if (sign) {
  const board = document.createElement("canvas");
  const again = document.createElement("button");
  const pen = board.getContext("2d");
  let drawn = false;
  board.width = 600;
  board.height = 240;
  board.setAttribute("role", "img");
  board.setAttribute("aria-label", sign.dataset.draw);
  again.type = "button";
  again.textContent = sign.dataset.clear;
  const clear = () => {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, board.width, board.height);
    pen.lineWidth = 4;
    pen.lineCap = "round";
    drawn = false;
  };
  const place = (event) => {
    const box = board.getBoundingClientRect();
    return [(event.clientX - box.left) * board.width / box.width, (event.clientY - box.top) * board.height / box.height];
  };
  board.addEventListener("pointerdown", (event) => {
    board.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...place(event));
  });
  board.addEventListener("pointermove", (event) => {
    if (!event.buttons) return;
    pen.lineTo(...place(event));
    pen.stroke();
    drawn = true;
  });
  again.addEventListener("click", clear);
  sign.addEventListener("submit", () => {
    sign.elements.picture.value = drawn ? board.toDataURL("image/png") : "";
  });
  sign.querySelector("button").before(board, again);
  clear();
}

const offer = document.getElementById("offer");
if (offer && window.isSecureContext && navigator.geolocation) {
  offer.hidden = false;
  offer.addEventListener("click", () => {
    const send = () => offer.form.submit();
    offer.disabled = true;
    navigator.geolocation.getCurrentPosition((found) => {
      const { latitude, longitude, accuracy } = found.coords;
      offer.form.elements.position.value = [latitude.toFixed(6), longitude.toFixed(6), Math.round(accuracy)].join(",");
      send();
    }, send, { timeout: 10000 });
  });
}
