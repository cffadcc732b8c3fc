/** What the text generator puts together: one of each part. `{topic}` is a word of the question. */
export const OPENINGS = [
  'There is no language model behind this page yet. I am a small text generator that puts sentences together, so that you can see how an answer streams.',
  'This text comes from a generator without a model. It doesn’t understand your question; it only shows what streaming looks like.',
  'You are reading a generated sample. No model has seen your question, and nothing of it has left this server.',
];

export const ECHOES = [
  'Your question mentions “{topic}”. I can repeat the word, but I can’t tell you anything about it.',
  'I have picked “{topic}” out of your question, by its length alone. Please don’t take it for understanding.',
  'A real model would now say something about “{topic}”. I can only wait for one with you.',
];

export const EXPLANATIONS = [
  'What you see is real all the same. A job on the server writes this text, and each piece is an event with an id, kept in a log. Close this page, or load it again in the middle: the job goes on, and you come back to the whole text.',
  'Look at how it arrives. Each few letters are an event of their own, numbered by the server. If your connection breaks, your browser says which number it has seen last, and gets the rest: nothing twice, nothing missing.',
  'Everything around the text works as it would with a model. The answer is stored while it grows, you can stop it at any moment, and if the server goes down in the middle you will be told, with the text so far.',
];

export const DETAILS = [
  'Open this answer in a second tab: both show the same text, because both read the same channel.',
  'Press Stop to see it end at once. With a real model, its request would be closed too, and you would pay for no further token.',
  'The figures below are measured on the server: how long the first piece took, and how many come each second.',
  'A slow reader holds nobody up. The job writes at its own pace, and whoever is late catches up.',
];

export const CLOSINGS = [
  'To get real answers, set LLM_BASE_URL and LLM_MODEL, and LLM_API_KEY where it is needed, to any endpoint that speaks OpenAI’s API. Then start the server again.',
  'Connect a model with three variables: LLM_BASE_URL, LLM_MODEL and LLM_API_KEY. A model on your own machine will do, with Ollama or llama.cpp for instance.',
];
