/** What `eyas-widget.js` runs in its worker. It has no exports: bundle it as an entry of its own, or start it. */
export {};
