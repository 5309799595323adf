"""What a team writes down in a crisis goes in; its course, updates and statements come out."""
