// The script of every page. The server renders all; this makes it quicker to the hand.
import "./base.css";
import "htmx.org";
import { startDialogs } from "./dialogs.ts";
import { startForms } from "./forms.ts";
import { startKeys } from "./keys.ts";
import { startLists } from "./lists.ts";
import { startMenus } from "./menus.ts";
import { startPickers } from "./picker.ts";
import { startProgress } from "./progress.ts";
import { startTheme } from "./theme.ts";
import { startTimes } from "./times.ts";
import { onContent } from "./content.ts";

startTheme();
startMenus();
startProgress();
startDialogs();
startKeys();
startForms();
startPickers();
startLists();
startTimes();

// Parts that few pages need are loaded when one does.
onContent((root) => {
  if (root.querySelector("[data-rich]")) void import("./rich.ts").then((part) => part.startRich(root));
  if (root.querySelector("[data-form-logic]")) {
    void import("./form/index.ts").then((part) => part.startFormLogic(root));
  }
  if (root.querySelector("[data-signature]")) {
    void import("./signature.ts").then((part) => part.startSignatures(root));
  }
});
document.documentElement.dataset.ready = "true";
