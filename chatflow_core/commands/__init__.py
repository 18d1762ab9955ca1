"""The `chatflow` command: what scripts, hooks and programs in other languages do with a store, without a screen."""
