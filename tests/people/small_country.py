"""Codes of the small country that tests of people live in: two cities and a district centre of one oblast, one of another."""

CENTRE, SECOND, TENANT, OTHER = "351000000", "352000000", "353243100", "552200000"
REGION, OTHER_REGION = "350000000", "550000000"
