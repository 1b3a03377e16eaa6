/** The worker of the elements in `eyas-widget.js`. It has no exports: make it an entry of a bundle, or start it as a worker. */
export {};
