/** The ticket machine: a service is touched, a number is shown, and the start comes back by itself. */

import { reloadLater, sayAgain, startPage } from "./shared/page.js";
import { onLanguage } from "./shared/texts.js";
import { startHelp } from "./kiosk/help.js";
import { drawIcons } from "./kiosk/icon.js";
import { drawIssued, startIssued } from "./kiosk/issued.js";
import { followOffice, loadLanguages, office, refresh } from "./kiosk/office.js";
import { settleLeftovers } from "./kiosk/pending.js";
import { startScreens } from "./kiosk/screens.js";
import { offerSpeech, startSpeech, toggleSpeech } from "./kiosk/speech.js";
import { drawStart, startServices } from "./kiosk/start.js";
import { startTaking, take } from "./kiosk/take.js";
import { startTight } from "./kiosk/tight.js";

/** Comes after the services: nobody arrives or types before they are seen. */
const beside = import("./kiosk/beside.js");

let isSettled = false;

async function start() {
  drawIcons();
  await startPage({ remembers: false });
  startScreens();
  startServices((service) => void take(service));
  startTaking();
  startIssued();
  startHelp();
  startSpeech();
  startTight();
  beside.then(({ startBeside }) => startBeside(toggleSpeech)).catch(reloadLater);
  onLanguage(() => {
    drawStart(false, true);
    void refresh();
  });
  await followOffice(draw);
}

function draw() {
  drawStart();
  sayAgain();
  drawIssued();
  beside.then(({ drawKeys }) => drawKeys(), () => undefined);
  offerSpeech();
  const told = office();
  if (!told || isSettled) return;
  isSettled = true;
  settleLeftovers(told.business_day ?? null);
  void loadLanguages();
}

void start();
