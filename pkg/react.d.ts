// Types of the elements in JSX of React 19: import type {} from "eyas/react".

import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type {
  EyasForecastAttributes,
  EyasForecastDetail,
  EyasForecastElement,
  EyasLeaderboardAttributes,
  EyasLeaderboardDetail,
  EyasLeaderboardElement,
  EyasListeners,
} from "./eyas-widget.js";

type Props<Element> = DetailedHTMLProps<HTMLAttributes<Element>, Element>;

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "eyas-forecast": Props<EyasForecastElement> & EyasForecastAttributes & EyasListeners<EyasForecastDetail>;
      "eyas-leaderboard": Props<EyasLeaderboardElement> & EyasLeaderboardAttributes & EyasListeners<EyasLeaderboardDetail>;
    }
  }
}
