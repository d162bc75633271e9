import { usePortal } from '../portal.js';
import { Overview } from './overview.js';
import { SecondFactor } from './second-factor.js';
import { SignIn } from './sign-in.js';

/** At `/`: whatever is missing to go on, else who one is. */
export function Home() {
  const { data } = usePortal();
  if (data.state.authentication_level === 0) return <SignIn />;
  // Who is on the way to nowhere is asked for nothing, but offered it.
  return data.wants_second_factor && data.continue_to !== null ? <SecondFactor /> : <Overview />;
}
