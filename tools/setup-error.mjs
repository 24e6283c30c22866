/** A failure of the set-up whose message is meant for people and complete without a stack. */
export class SetupError extends Error {
  forPeople = true;
}
