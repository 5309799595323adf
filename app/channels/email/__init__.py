"""E-mail: alerts and notices in, messages of HTML and text over SMTP out."""
