/* A plug-in exports its entry function and nothing else. */
