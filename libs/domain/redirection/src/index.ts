/** Is this return address inside a protected domain? */
export {};
