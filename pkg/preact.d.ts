// Types of the elements in JSX of Preact: import type {} from "eyas/preact".

import type { HTMLAttributes } from "preact";
import type {
  EyasForecastAttributes,
  EyasForecastDetail,
  EyasForecastElement,
  EyasLeaderboardAttributes,
  EyasLeaderboardDetail,
  EyasLeaderboardElement,
  EyasListeners,
} from "./eyas-widget.js";

declare module "preact" {
  namespace JSX {
    interface IntrinsicElements {
      "eyas-forecast": HTMLAttributes<EyasForecastElement> & EyasForecastAttributes & EyasListeners<EyasForecastDetail>;
      "eyas-leaderboard": HTMLAttributes<EyasLeaderboardElement> & EyasLeaderboardAttributes & EyasListeners<EyasLeaderboardDetail>;
    }
  }
}
