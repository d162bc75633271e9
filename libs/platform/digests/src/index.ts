/** Makes and checks password digests in bounded slots. */
export {};
