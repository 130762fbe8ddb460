/** The ticket machine: a service is touched, a number is shown, and the start comes back by itself. */

import { startPage } from "./shared/page.js";
import { onLanguage } from "./shared/texts.js";
import { arriveByCode, drawKeys, startArrival, submit, typeSign } from "./kiosk/arrival.js";
import { startHelp } from "./kiosk/help.js";
import { drawIcons } from "./kiosk/icon.js";
import { drawIssued, startIssued } from "./kiosk/issued.js";
import { keyHandlers } from "./kiosk/keyboard.js";
import { followOffice, office, refresh } from "./kiosk/office.js";
import { settleLeftovers } from "./kiosk/pending.js";
import { screen, startScreens } from "./kiosk/screens.js";
import { offerSpeech, startSpeech, toggleSpeech } from "./kiosk/speech.js";
import { drawStart, startServices } from "./kiosk/start.js";
import { startTaking, take } from "./kiosk/take.js";
import { startTight } from "./kiosk/tight.js";
import { readTyped } from "./kiosk/typed.js";

let isSettled = false;

async function start() {
  drawIcons();
  await startPage({ remembers: false });
  startScreens();
  startServices((service) => void take(service));
  startTaking();
  startIssued();
  startArrival();
  startHelp();
  startSpeech();
  startTight();
  readTyped({
    onKey: keyHandlers({ type: typeSign, onSpeech: toggleSpeech, onEnter: submit }),
    onScan: (scan) => void arriveByCode(scan),
    onEnter: () => screen() === "arrival" && submit(),
  });
  onLanguage(() => {
    drawStart();
    void refresh();
  });
  await followOffice(draw);
}

function draw() {
  drawStart();
  drawIssued();
  drawKeys();
  offerSpeech();
  const told = office();
  if (!told || isSettled) return;
  isSettled = true;
  settleLeftovers(told.business_day ?? null);
}

void start();
