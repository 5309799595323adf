"""Google: a query in, headlines of the press out; an app in, its reviews on Google Play out."""
