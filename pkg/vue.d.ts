// Types of the elements in templates of Vue 3: import type {} from "eyas/vue".

import type { EmitFn, HTMLAttributes, PublicProps } from "vue";
import type {
  EyasEventsOf,
  EyasForecastAttributes,
  EyasForecastDetail,
  EyasForecastElement,
  EyasLeaderboardAttributes,
  EyasLeaderboardDetail,
  EyasLeaderboardElement,
} from "./eyas-widget.js";

/** An element as a component: its attributes as props, its events as what it emits. */
type Component<Element, Attributes, Detail> = new () => Element & {
  $props: HTMLAttributes & Attributes & PublicProps;
  $emit: EmitFn<{ [Name in keyof EyasEventsOf<Detail>]: (event: EyasEventsOf<Detail>[Name]) => void }>;
};

declare module "vue" {
  interface GlobalComponents {
    "eyas-forecast": Component<EyasForecastElement, EyasForecastAttributes, EyasForecastDetail>;
    "eyas-leaderboard": Component<EyasLeaderboardElement, EyasLeaderboardAttributes, EyasLeaderboardDetail>;
  }
}
