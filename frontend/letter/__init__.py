"""The letter that a customer takes home: what is proposed about the credit asked for, why, and what can be done."""
