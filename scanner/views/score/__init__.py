"""What `snowfence score` answers: points from 0 to 10 for each area of the posture, what each lost point is for; a writer for each
format."""
