"use client";

import { useEffect, useState } from "react";

export default function Page() {
  const [loaded, setLoaded] = useState(false);
  const [heard, setHeard] = useState("");
  // React attaches no listener for an event of a custom element that a server has rendered, hence the element comes later.
  useEffect(() => void import("./program.js").then(() => setLoaded(true)), []);
  return (
    <main>
      {loaded && <eyas-forecast snapshot="/snapshot.json" parents="Qwen/Qwen2-7B" tasks="bbh" oneyas-forecast={({ detail }) => setHeard(detail.forecasts[0].task)} />}
      <output>{heard}</output>
    </main>
  );
}
