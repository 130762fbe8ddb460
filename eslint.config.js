// Only rules that find mistakes; how code is laid out is not their business.
import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["node_modules/", ".venv/", "var/"] },
  js.configs.recommended,
  {
    files: ["kiosk_ui/js/**/*.js", "ticketing/demo/site/**/*.js"],
    languageOptions: { ecmaVersion: 2024, sourceType: "module", globals: globals.browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "array-callback-return": "error",
      "consistent-return": "off",
      eqeqeq: "error",
      "no-constructor-return": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-promise-executor-return": "off",
      "no-restricted-properties": ["error",
        { property: "innerHTML", message: "Text is text: use setText or el." },
        { property: "outerHTML", message: "Text is text: use setText or el." },
        { property: "insertAdjacentHTML", message: "Text is text: use setText or el." },
        { property: "style", message: "The content security policy is strict: set a class or a data attribute." }],
      "no-self-compare": "error",
      "no-template-curly-in-string": "error",
      "no-unmodified-loop-condition": "error",
      "no-unreachable-loop": "error",
      "no-unused-vars": ["error", { args: "none", caughtErrors: "none" }],
      "no-use-before-define": ["error", { functions: false, variables: false, classes: false }],
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  { files: ["kiosk_ui/*service-worker.js"], languageOptions: { globals: globals.serviceworker } },
];
