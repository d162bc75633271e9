/** What a notice is, and how it travels to the notifier. */
export {};
