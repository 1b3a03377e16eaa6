// Types of the elements in Svelte 5: import type {} from "eyas/svelte".

import type { HTMLAttributes } from "svelte/elements";
import type {
  EyasForecastAttributes,
  EyasForecastDetail,
  EyasForecastElement,
  EyasLeaderboardAttributes,
  EyasLeaderboardDetail,
  EyasLeaderboardElement,
  EyasListeners,
} from "./eyas-widget.js";

declare module "svelte/elements" {
  interface SvelteHTMLElements {
    "eyas-forecast": HTMLAttributes<EyasForecastElement> & EyasForecastAttributes & EyasListeners<EyasForecastDetail>;
    "eyas-leaderboard": HTMLAttributes<EyasLeaderboardElement> & EyasLeaderboardAttributes & EyasListeners<EyasLeaderboardDetail>;
  }
}
