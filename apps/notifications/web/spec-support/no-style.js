// In place of a stylesheet: jsdom lays nothing out.
export default {};
