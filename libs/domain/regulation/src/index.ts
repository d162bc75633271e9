/** From sign-in attempts to a ban and its end. */
export {};
