"""The page kit: templates, languages, static files and page security, for every face alike."""
