/** The HTTP API of the portal: requests and answers. */
export {};
